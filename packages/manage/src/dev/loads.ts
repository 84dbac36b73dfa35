// Loader hooks that tell which files Node loads. They run in a thread of their own where Node has no others.
// https://nodejs.org/api/module.html#customization-hooks
import type { LoadHook } from 'node:module'
import type { MessagePort } from 'node:worker_threads'

let port: MessagePort | undefined

export function initialize(data: { readonly port: MessagePort }): void {
  port = data.port
}

export const load: LoadHook = (url, context, next) => {
  port?.postMessage(url)
  return next(url, context)
}
