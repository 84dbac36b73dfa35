// A folder of posts as people write them: names with dots, all that Markdown has, raw HTML, other
// scripts, dates in several forms, and one post that is very long.
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'

export const postCount = 285

/** Real posts, if there are any: in BLOG_POSTS, or in a folder beside the repository. Else made ones. */
export async function somePosts(): Promise<string> {
  const beside = fileURLToPath(new URL('../../../shared/data/nodejs-blog/', import.meta.url))
  const real = process.env.BLOG_POSTS ?? beside
  return existsSync(real) ? real : makePosts()
}

const made: string[] = []
afterAll(() => Promise.all(made.map((folder) => rm(folder, { recursive: true }))))

/** Writes posts into a new folder, which is gone after the tests. */
export async function makePosts(count = postCount): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'posts-'))
  made.push(folder)
  for (let number = 0; number < count; number++) {
    await writePost(folder, postName(number), post(number))
  }
  return folder
}

export async function writePost(folder: string, name: string, text: string | Uint8Array) {
  const file = join(folder, name)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
}

function postName(number: number): string {
  if (number % 3 === 0) return `release/v${number % 7}.${number}.0.md`
  return number % 50 === 1
    ? `migrations/from-${number}.mdx`
    : `${2010 + (number % 16)}/post-${number}.md`
}

const titles = [
  'A release',
  'Grüße aus Köln & Umgebung',
  '日本語の記事',
  'Of "quotes" & <tags>',
  'हिन्दी में',
]
const authors = ['Ada', "'Grace (@grace)'", 'Jos\u00e9']

function post(number: number): string {
  // Three posts share a moment, so that a page's edge falls between equals.
  const moment = new Date(
    Date.UTC(2012, 0, 1 + Math.floor(number / 3) * 16, 17, 0, 15),
  ).toISOString()
  const date = number % 2 === 0 ? `'${moment}'` : moment
  return `---
date: ${date}
category: release
title: ${JSON.stringify(`${titles[number % titles.length]} ${number}`)}
layout: blog-post
author: ${authors[number % authors.length]}
---

${number === 7 ? 'A line of a very long post, which goes on and on.\n\n'.repeat(17_000) : body}`
}

const body = `# What is new 🎉

A paragraph with *emphasis*, \`code\`, a [link](https://example.org/ "Example") and <https://example.org>.

### A level is left out here

<details open><summary>Raw HTML</summary><script>window.pwned = true</script></details>

<AlertBox level="warning">A component.</AlertBox>

| Package | Version |
| ------- | ------: |
| core    |   0.1.0 |

\`\`\`js
const line = 'a line of code that is longer than a page is wide and that therefore has to scroll by itself'
\`\`\`

1. One
2. Two

> Quoted.

![A picture](data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==)
`
