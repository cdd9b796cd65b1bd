import Module from 'node:module'

/* A machine on which sodium-native was not installed. */

const resolveFilename = Module._resolveFilename
Module._resolveFilename = (request, ...rest) => {
  if (!request.startsWith('sodium-native')) return resolveFilename(request, ...rest)
  throw Object.assign(new Error(`Cannot find module '${request}'`), { code: 'MODULE_NOT_FOUND' })
}
