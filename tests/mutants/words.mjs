import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin'

/*
 * The words of an error are for people, and no part of the specification: a test that pinned them would only repeat
 * the source. Everything else of an error is mutated: whether it is thrown, and its code.
 */

const wordsAt = { CryptoError: 1, Error: 0, RangeError: 0, mustEqual: 2 }

const ignorer = {
  shouldIgnore(path) {
    const call = path.parentPath
    if (!call?.isNewExpression() && !call?.isCallExpression()) return undefined
    const place = wordsAt[call.node.callee.name]
    return place !== undefined && path.listKey === 'arguments' && path.key === place ? 'words for people' : undefined
  },
}

export const strykerPlugins = [declareValuePlugin(PluginKind.Ignore, 'words for people', ignorer)]
