import { InvalidError } from '../../errors.ts'
import { baseName } from './provider-types.ts'

type Factory = (settings: { readonly [name: string]: unknown }) => unknown

/**
 * What makes a provider in a package of the AI SDK: the export that is named, else the one that is called `create` and the package's name, else the
 * only one that is called create something. InvalidError, with those there are, when none is meant clearly.
 */
export function factoryIn(module: { readonly [name: string]: unknown }, name: string, wanted?: string): Factory {
  const makers = Object.keys(module).filter((one) => /^create[A-Z]/.test(one) && typeof module[one] === 'function')
  const own = `create${baseName(name).replaceAll(/\W/g, '')}`.toLowerCase()
  const chosen =
    wanted ?? makers.find((one) => one.toLowerCase() === own) ?? (makers.length === 1 ? makers[0] : undefined)
  if (chosen !== undefined && typeof module[chosen] === 'function') return module[chosen] as Factory
  throw new InvalidError(`the package ${name} has no ${wanted ?? 'function that clearly makes its provider'}`, {
    code: 'peer_missing',
    hint: makers.length === 0 ? 'Name a package of the AI SDK.' : `Say which by \`factory\`: ${makers.join(', ')}.`,
  })
}
