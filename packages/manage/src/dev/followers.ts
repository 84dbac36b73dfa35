// The browsers that follow: they are told by server-sent events when the sources have come further.
// https://html.spec.whatwg.org/multipage/server-sent-events.html
import { PassThrough } from 'node:stream'
import { selector } from '@robaccia/core'
import type { App } from '@robaccia/core'
import type { Version } from './message.js'
import { script } from './script.js'

/** What is beneath it is `dev`'s own, and hidden from the application. */
export const BASE = '/.robaccia/'
export const SCRIPT: string = `${BASE}follow.js`
export const EVENTS: string = `${BASE}events`

/** Milliseconds after which a browser that was cut off asks again. */
const RETRY = 300

export class Followers {
  version: Version
  readonly #streams = new Set<PassThrough>()

  constructor(version: Version) {
    this.version = version
  }

  /** Tells everybody of a new version. @param styles nothing but style sheets was edited */
  tell(version: Version, styles: boolean): void {
    const { version: previous } = this
    this.version = version
    for (const stream of this.#streams) stream.write(event({ version, previous, styles }))
  }

  /** Ends all streams: the browsers come again, to whoever answers then. */
  end(): void {
    for (const stream of this.#streams) stream.end()
  }

  /** Answers for the paths below BASE. */
  readonly app: App = selector()
    .add(EVENTS, {
      GET: (_environ, startResponse) => {
        const stream = new PassThrough()
        this.#streams.add(stream)
        stream.once('close', () => this.#streams.delete(stream))
        stream.write(`retry: ${RETRY}\n${event({ version: this.version })}`)
        startResponse(200, [
          ['content-type', 'text/event-stream'],
          ['cache-control', 'no-store'],
        ])
        return stream
      },
    })
    .add(SCRIPT, {
      GET: (_environ, startResponse) => {
        startResponse(200, [
          ['content-type', 'text/javascript; charset=utf-8'],
          ['cache-control', 'no-store'],
          ['x-content-type-options', 'nosniff'],
        ])
        return [script]
      },
    })
}

function event(data: object): string {
  return `data: ${JSON.stringify(data)}\n\n`
}
