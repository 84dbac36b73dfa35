// The public names of @robaccia/render, grouped as in the README.
export { renderer } from './renderer.js'
export type { Render, RendererOptions, RenderOptions } from './renderer.js'
export { scriptJson } from './script-json.js'
export { TemplateError } from './template-error.js'
export { pug } from './pug.js'
export type { Engine, Template, TemplateSource, Vars } from './engine.js'
