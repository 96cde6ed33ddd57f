import { registerHooks } from 'node:module'

// `antiphon/extend` is an entry of the package, so a build keeps this file without being told
const OWN = new URL(`../../extend.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url).href
let isNamed = false

/** The default export of an extension. It gets the copy of antiphon that loads it, in each process. */
export async function importExtension(module: string): Promise<unknown> {
  if (!isNamed)
    registerHooks({
      resolve: (name, context, next) =>
        name === 'antiphon/extend' ? { url: OWN, shortCircuit: true } : next(name, context),
    })
  isNamed = true
  return ((await import(module)) as { readonly default?: unknown }).default
}
