// The contract in words, printed from the rules that `lint` checks: packages/core/SPEC.md.
import { capabilities } from './capabilities.js'
import { environRules, inputRules, requestRules } from './lint-environ-rules.js'
import {
  answerRules,
  chunkRules,
  endRules,
  lateRules,
  outcomeRules,
  startRules,
} from './lint-response-rules.js'
import type { Rule } from './lint-rule.js'

const sections: readonly [title: string, intro: string, rules: readonly Rule<never>[]][] = [
  [
    'The environ',
    'Duties of whoever calls an app: a server, or a middleware further out. What an app adds to its environ keeps ' +
      'them too.',
    [...environRules, ...requestRules, ...inputRules],
  ],
  ['startResponse', 'Duties of an app that answers.', startRules],
  ['The answer', 'Duties of an app: what it hands back, at once or by a promise.', answerRules],
  ['Chunks', 'Duties of an app while its body is read.', chunkRules],
  [
    'The end',
    'Duties of both sides, looked at when the response is finished or dropped.',
    [...endRules, ...outcomeRules],
  ],
  ['A late startResponse', 'A duty of whoever takes the head.', lateRules],
]

/** Duties that only a client at the other end of a server can see: the adapters' tests hold them. */
const serverDuties: readonly string[] = [
  '`HTTP_*` has one key for each request header. Repeated list headers are joined by `, ` (`Cookie` by `; `), of a single-valued one the first is kept, two `Host` are answered with 400. A header with `_` in its name, and `Proxy`, are dropped: they could pass for another.',
  '`SCRIPT_NAME` and `PATH_INFO` together are the path as it was received: percent-encoded, never decoded, dot segments left alone. Of an absolute-form target the authority is `HTTP_HOST`; `OPTIONS *` has `PATH_INFO` `""`.',
  '`robaccia.input` is read once and ends by itself; a second reader gets an error that names the first.',
  'The head goes out with the first chunk that the server pulls; an empty chunk sends the head alone. Until then an error still becomes a 500.',
  'With 204, 205 and 304 there is no body, and no `content-type` and no `content-length` (RFC 9110 §15.3.5, §15.3.6, §15.4.5), but for the `content-length: 0` that ends a 205 (RFC 9112 §6.3).',
  'HEAD has the headers of GET and no body; its `content-length` is the app’s, or the length of an array that is not empty.',
  'Any other array body gets a `content-length`. One of the app’s that is none or wrong is an error, and so is a `transfer-encoding`: before the head a 500, and a stream that turns out shorter or longer is cut, what is over its length unsent (RFC 9112 §6.3).',
  'Back-pressure is respected: nothing is pulled that the client has no room for.',
  'What an app throws before the head is a plain-text 500 without a word of the error, or an http-errors error’s own status, headers and exposed message. After the head the connection is cut. Either is reported once.',
  '`after` functions run once the response is finished or dropped, the app has settled and its body is closed, what was added last first; `signal` aborts as soon as the client goes away before the response is finished.',
  'Of a request body that is left unread the rest is dropped; it does not hold up the connection.',
]

/** What some servers can't keep, each with what happens there. */
function exceptions(): string {
  return Object.values(capabilities)
    .map(({ text, instead }) => {
      const lines = Object.entries(instead).map(([server, what]) => `  - ${server}: ${what}`)
      return [`- ${text}`, ...lines].join('\n')
    })
    .join('\n')
}

/** The specification as Markdown. */
export function specification(): string {
  const parts = [
    `# The contract, version 1.0

This file is printed from the table of rules that \`lint\` checks (\`npm run spec\`); a test fails when the two
differ. The types are in [src/contract.ts](src/contract.ts); together they are the whole contract:

\`\`\`text
(environ, startResponse) => body        an app
app => app                              a middleware
\`\`\`
`,
    ...sections.map(
      ([title, intro, rules], index) =>
        `## ${index + 1}. ${title}\n\n${intro}\n\n${rules.map(({ id, text }) => `- **${id}** ${text}`).join('\n')}\n`,
    ),
    `## ${sections.length + 1}. Servers\n\nDuties that only a client can see. Every server's tests hold them.\n\n${serverDuties.map((text, index) => `- **V${index + 1}** ${text}`).join('\n')}

What not every server can keep, and what happens there instead. The servers' tests go by the same table.

${exceptions()}
`,
    `## ${sections.length + 2}. Middleware

- **M1** Hand on what you do not understand.
- **M2** Keep a request's state in the environ and nowhere else. Add keys in place; copy the environ only to hide or
  change a key from what is further in.
- **M3** \`robaccia.notes\` is the only way from the inside out.
- **M4** Who changes a body deletes or recomputes \`content-length\`, also on HEAD.
`,
  ]
  return parts.join('\n')
}
