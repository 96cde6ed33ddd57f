import module from 'node:module'

// A module of this checkout lies where another one says, and the package is its sources: to look for each of thousands of modules
// takes a quarter of the start of a process.

const checkout = new URL('../', import.meta.url).href
const PACKAGE: { readonly [name: string]: string } = {
  antiphon: 'src/index.ts',
  'antiphon/client': 'src/client.ts',
  'antiphon/extend': 'src/extend.ts',
  '@antiphon/langgraph': 'packages/langgraph/src/index.ts',
  '@antiphon/media': 'packages/media/src/index.ts',
  '@antiphon/sui': 'packages/sui/src/index.ts',
  'antiphon/testing': 'trials/index.ts',
  'antiphon/testing/conformance': 'trials/conformance.ts',
}

const hooks: module.RegisterHooksOptions = {
  resolve(specifier, context, next) {
    const url = urlOf(specifier, context.parentURL ?? '')
    return url ? { url: url.href, format: 'module-typescript', shortCircuit: true } : next(specifier, context)
  },
}

function urlOf(specifier: string, parent: string): URL | undefined {
  const source = PACKAGE[specifier]
  if (source !== undefined) return new URL(source, checkout)
  const isSource = specifier.startsWith('.') && specifier.endsWith('.ts') && parent.startsWith(checkout)
  return isSource ? new URL(specifier, parent) : undefined
}

// a named import would become the function below, once Node passes changes of its modules on
const { registerHooks } = module
let registered = registerHooks(hooks)

// The latest hooks come first. Those of vitest send a message for each import of each module, which only a watch of files needs.
if (process.env.ANTIPHON_WATCHES === undefined)
  module.registerHooks = (others) => {
    const added = registerHooks(others)
    registered.deregister()
    registered = registerHooks(hooks)
    return added
  }
