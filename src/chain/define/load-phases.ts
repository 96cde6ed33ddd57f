import { hash } from 'node:crypto'
import { relative } from 'node:path'
import { readPlainFile } from '../../lib/encoding/plain-file.ts'
import type { ModuleExports } from '../../tool/plugin/import-plugin.ts'
import { loadModule, type ModuleFile, type ModuleKind, moduleFault } from '../../tool/plugin/load-module.ts'
import { phaseKey, registerPhase } from '../phases/registry.ts'
import type { ChainLimits } from '../protocol/limits.ts'
import type { AnyPhase, PhaseOrigin, PhaseRegistry } from '../protocol/phase.ts'
import { isDefinedPhase, type PhaseDefinition } from './define-phase.ts'
import { guardPhase } from './guard-phase.ts'

type FilesOf = (file: string) => readonly string[]

/** A phase of your own, and where it comes from. */
type FoundPhase = { readonly phase: PhaseDefinition | AnyPhase; readonly origin: PhaseOrigin }

const KIND: ModuleKind = {
  name: 'phase file',
  hint: 'Expected a module that exports phases made by definePhase, by name or as its default.',
}

/**
 * The phases of the modules with these absolute paths, which errors show relative to `folder`. InvalidError with the
 * place for a file that is missing, fails to load, exports no phase, or has a phase that another file has as well.
 * `filesOf`: the files that a module imports.
 */
export async function loadPhases(files: readonly string[], folder: string, filesOf?: FilesOf) {
  const owners = new Map<string, string>()
  const found: FoundPhase[] = []
  for (const file of files) {
    const path = pathFrom(folder, file)
    const hashNow = () => hashOfModule(file, filesOf)
    const text = await hashNow()
    const module = { path, file }
    for (const phase of phasesIn(await loadModule(module, KIND), module)) {
      const key = phaseKey(phase)
      const owner = owners.get(key)
      if (owner !== undefined)
        throw moduleFault(KIND, module, `${owner} has a phase ${key} as well`, 'Give one of them another domain.')
      owners.set(key, path)
      found.push({ phase, origin: { file: path, hashNow, ...(text !== undefined && { hash: text }) } })
    }
  }
  return found
}

/** The registry with phases of your own, guarded, in the places of built-in ones. */
export function withOwnPhases(
  phases: PhaseRegistry,
  own: readonly FoundPhase[],
  limits: Pick<ChainLimits, 'deadline' | 'phaseDeadlines'>,
): PhaseRegistry {
  return own.reduce((all, { phase, origin }) => registerPhase(all, guardPhase(phase, origin, limits)), phases)
}

/** The hash of the texts of a module and of what it imports; undefined when it cannot be read. */
async function hashOfModule(file: string, filesOf: FilesOf = () => []): Promise<string | undefined> {
  const text = await readPlainFile(file).catch(() => undefined)
  if (!text) return undefined
  const imports = filesOf(file).filter((one) => one !== file)
  const more = await Promise.all(imports.toSorted().map((one) => readPlainFile(one)))
  const hashes = [text, ...more].map((one) => hash('sha256', one, 'hex'))
  return (hashes.length === 1 ? hashes[0]! : hash('sha256', hashes.join(), 'hex')).slice(0, 12)
}

const pathFrom = (folder: string, file: string) => {
  const path = relative(folder, file)
  return path.startsWith('..') ? file : `./${path}`
}

function phasesIn(exports: ModuleExports, module: ModuleFile): readonly PhaseDefinition[] {
  const named = Object.entries(exports).flatMap(([name, value]) =>
    name === 'default' && Array.isArray(value)
      ? value.map((one, at): [string, unknown] => [`default[${at}]`, one])
      : [[name, value] as [string, unknown]],
  )
  const phases = named.flatMap(([name, value]) => {
    if (isDefinedPhase(value)) return [value]
    if (name.startsWith('default') || looksLikePhase(value))
      throw moduleFault(KIND, module, `${name} was not made by definePhase`, KIND.hint)
    return []
  })
  if (phases.length === 0) throw moduleFault(KIND, module, 'it exports no phase', KIND.hint)
  return [...new Set(phases)]
}

const looksLikePhase = (value: unknown) =>
  typeof value === 'object' && value !== null && 'run' in value && 'initial' in value
