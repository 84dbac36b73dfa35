// The glue of the essay: a template, variables, and the content type that the template's name says.
import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Body, Environ, HeaderList, StartResponse } from '@robaccia/core'
import type { Engine, Vars } from './engine.js'
import { pug } from './pug.js'
import { scriptJson } from './script-json.js'
import { asTemplateError, templates } from './templates.js'

export interface RendererOptions {
  /** The folder of the templates: a path (relative to where the process was started) or a file: URL. */
  readonly dir: string | URL
  /** Variables for every template: the user, a function that makes URLs. A view's own win. */
  readonly locals?: (environ: Environ) => Vars | Promise<Vars>
  /** An edit of a template, include or parent shows at the next request, which reads them; under `manage dev` it does anyway. */
  readonly watch?: boolean
  /** Pug by default. */
  readonly engine?: Engine
}

export interface RenderOptions {
  /** 200 by default. */
  readonly status?: number
  /** Further headers; a `content-type` among them replaces the one that the name says. */
  readonly headers?: HeaderList
}

/**
 * Renders the template `name` (`list.html` is the file `list.html.pug`) and answers with it. The response is
 * begun only when the text is made, so a failure is still a clean error.
 *
 * @throws TypeError when the name leaves the folder, or ends in no extension that says a content type
 * @throws TemplateError when the template is missing, does not compile, or fails
 */
export type Render = (
  environ: Environ,
  startResponse: StartResponse,
  name: string,
  vars?: Vars,
  options?: RenderOptions,
) => Promise<Body>

/**
 * Makes a `render` for the templates of a folder.
 *
 * @throws TypeError when `dir` is not a folder
 */
export function renderer({ dir, locals, watch = false, engine = pug }: RendererOptions): Render {
  const folder = resolve(typeof dir === 'string' ? dir : fileURLToPath(dir))
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new TypeError(`renderer: dir must be a folder, got ${folder}`)
  }
  const find = templates(folder, engine)

  return async (environ, startResponse, name, vars = {}, { status = 200, headers = [] } = {}) => {
    const template = find(name, watch || environ['robaccia.development'] === true)
    const given: Vars = { ...(await locals?.(environ)), ...vars }
    environ['robaccia.notes'].template = { name, vars: given }
    let text: string
    try {
      // No prototype: a template sees these names and no `constructor` that nobody gave it.
      text = await template.run(Object.assign(Object.create(null), { json: scriptJson }, given))
    } catch (error) {
      throw asTemplateError(error, template.file)
    }
    const typed = headers.some(([header]) => header.toLowerCase() === 'content-type')
    startResponse(status, typed ? headers : [['content-type', template.contentType], ...headers])
    return [text]
  }
}
