// Markdown as safe HTML. Twice safe: raw HTML is never parsed, so it shows as the text that it is,
// and what was made goes through a list of what may stand in an entry.
import MarkdownIt from 'markdown-it'
import type { Token } from 'markdown-it'
import sanitize from 'sanitize-html'

/** Makes HTML of an entry's content. Its headings start below the entry's own, which is the h1. */
export function markdown(content: string): string {
  return sanitize(parser.render(content), allowed)
}

/** The first paragraph of an entry as plain text, at most about `length` characters of it. */
export function summary(content: string, length = 240): string {
  const tokens = parser.parse(`${definitions(content)}\n\n${content.slice(0, 4000)}`, {})
  const paragraphs = tokens.filter((_, index) => tokens[index - 1]?.type === 'paragraph_open')
  const text = paragraphs.map(plain).find((words) => words !== '') ?? ''
  return text.length <= length ? text : `${text.slice(0, length).replace(/\s+\S*$|\p{Cs}$/u, '')}…`
}

/** The lines that say where reference links lead: most writers put them at the end. */
function definitions(content: string): string {
  return (content.match(/^ {0,3}\[[^\]\n]+\]:.*$/gm) ?? []).slice(0, 100).join('\n')
}

function plain({ children }: Token): string {
  const words = children?.map(({ type, content }) =>
    type === 'image' ? '' : type.endsWith('break') ? ' ' : content,
  )
  return words?.join('').trim() ?? ''
}

// Quotation marks are set well; the other replacements would turn the (c) of a list into a ©.
const parser = new MarkdownIt({ html: false, typographer: true }).disable('replacements')

// A wide table scrolls by itself, also by keyboard, and does not widen the page.
parser.renderer.rules.table_open = () => '<div class="scroll" tabindex="0"><table>'
parser.renderer.rules.table_close = () => '</table></div>'

// The highest heading becomes h2, and none is more than one below the one before it (WCAG 1.3.1).
parser.core.ruler.push('headings', ({ tokens }) => {
  const headings = tokens.filter(({ type }) => type.startsWith('heading_'))
  const highest = headings.reduce((least, heading) => Math.min(least, level(heading)), 6)
  let above = 1
  for (const heading of headings) {
    if (heading.type === 'heading_open')
      above = Math.min(level(heading) - highest + 2, above + 1, 6)
    heading.tag = `h${above}`
  }
})

function level({ tag }: Token): number {
  return Number(tag.slice(1))
}

const blocks = ['h2', 'h3', 'h4', 'h5', 'h6', 'p', 'blockquote', 'ul', 'ol', 'li', 'pre', 'hr']
const tables = ['div', 'table', 'thead', 'tbody', 'tr', 'th', 'td']
const words = ['em', 'strong', 's', 'code', 'br', 'a', 'img']

const allowed: sanitize.IOptions = {
  allowedTags: [...blocks, ...tables, ...words],
  allowedAttributes: {
    a: ['href', 'title', 'rel'],
    img: ['src', 'alt', 'title', 'loading'],
    ol: ['start'],
    pre: ['tabindex'],
    div: ['tabindex'],
  },
  allowedClasses: {
    code: ['language-*'],
    div: ['scroll'],
    th: ['left', 'center', 'right'],
    td: ['left', 'center', 'right'],
  },
  allowedSchemes: ['http', 'https', 'mailto'],
  allowedSchemesByTag: { img: ['http', 'https', 'data'] },
  transformTags: {
    // Anyone who reaches the blog may write in it: its links vouch for nobody.
    a: sanitize.simpleTransform('a', { rel: 'nofollow' }),
    img: sanitize.simpleTransform('img', { loading: 'lazy' }),
    pre: sanitize.simpleTransform('pre', { tabindex: '0' }),
    th: alignedByClass,
    td: alignedByClass,
  },
}

// The Content-Security-Policy allows no style attributes.
function alignedByClass(tagName: string, { style }: sanitize.Attributes): sanitize.Tag {
  const side = style?.replace('text-align:', '')
  return { tagName, attribs: side === undefined ? {} : { class: side } }
}
