import { registerHooks } from 'node:module'

// A module of this checkout lies where another one says: to look for each of thousands takes a quarter of the start of a process.

const checkout = new URL('../../', import.meta.url).href

registerHooks({
  resolve(specifier, context, next) {
    const { parentURL = '' } = context
    const isSource = specifier.startsWith('.') && specifier.endsWith('.ts') && parentURL.startsWith(checkout)
    if (!isSource) return next(specifier, context)
    return { url: new URL(specifier, parentURL).href, format: 'module-typescript', shortCircuit: true }
  },
})
