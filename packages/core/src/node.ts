// The public names of @robaccia/core/node: the contract on node:http, its handlers under the contract, and what a
// server of one's own needs.
export { toNode } from './to-node.js'
export type { NodeOptions } from './to-node.js'
export { connectRequest, fromConnect, fromConnectApp } from './from-connect.js'
export type { ConnectErrorHandler, ConnectHandler, Listener } from './from-connect.js'
export { listen } from './listen.js'
export type { Listening } from './listen.js'
export { answerTo, reportThrown } from './thrown.js'
export type { Answer } from './thrown.js'
