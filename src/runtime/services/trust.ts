import { realpathSync } from 'node:fs'
import type { Config } from '../../config/config.ts'
import type { PipelineServices } from '../../pipeline/step/context.ts'
import { contains } from '../../tool/roots.ts'

/** What runs of untrusted starters may reach: of the configured folders those in which nothing of antiphon's own lies, neither what it keeps nor how it is set up. */
export function openIn({ roots, data, file, plugins, serve }: Config): NonNullable<PipelineServices['open']> {
  const own = [data, ...plugins, ...(file === undefined ? [] : [file])].map(real)
  return { roots: roots.filter((root) => !own.some((path) => contains(real(root), path))), tools: serve?.tools ?? [] }
}

function real(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}
