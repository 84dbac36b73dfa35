// The public names of @robaccia/core/node: the contract on node:http, and its handlers under the contract.
export { toNode } from './to-node.js'
export type { NodeOptions } from './to-node.js'
export { connectRequest, fromConnect, fromConnectApp } from './from-connect.js'
export type { ConnectErrorHandler, ConnectHandler, Listener } from './from-connect.js'
