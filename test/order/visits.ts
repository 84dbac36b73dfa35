// Apps inside of sessions: one that counts visits, and one where people come in by saying a name.
import { sessionOf } from '@robaccia/auth'
import { selector, text, type App } from '@robaccia/core'

declare module '@robaccia/auth' {
  interface SessionData {
    visits?: number
  }
}

export const secret = 'swordfish'.repeat(5)

export const counting: App = (environ, startResponse) => {
  const session = sessionOf(environ)
  const visits = (session.get('visits') ?? 0) + 1
  session.set('visits', visits)
  return text(environ, startResponse, `visit ${visits}`)
}

/** @param others what it has beside `POST /in/{name}`, where people come in */
export const entrance = (others: App): App =>
  selector()
    .add('/in/{name}', {
      POST: (environ, startResponse) => {
        sessionOf(environ).login({ name: environ['router.params'].name })
        return text(environ, startResponse, 'welcome')
      },
    })
    .add('/[{rest:any}]', { GET: others, POST: others, DELETE: others })
