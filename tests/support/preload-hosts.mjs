import dns from 'node:dns'
import { syncBuiltinESMExports } from 'node:module'

/* A machine on which localhost has two addresses, whatever it has here. */

const addresses = ['127.0.0.1', '127.0.0.2'].map((address) => ({ address, family: 4 }))
const { lookup } = dns

dns.lookup = (name, options, done = options) => {
  if (name !== 'localhost') return lookup(name, options, done)
  const all = typeof options === 'object' && options.all
  process.nextTick(() => (all ? done(null, addresses) : done(null, addresses[0].address, 4)))
}
dns.promises.lookup = async (_name, options) => (options?.all ? addresses : addresses[0])
syncBuiltinESMExports()
