import { realpathSync } from 'node:fs'
import type { Config } from '../../config/config.ts'
import { attempt } from '../../lib/flow/attempt.ts'
import type { StepServices } from '../../step/call/context.ts'
import { modulesOf } from '../../tool/loaded/own-files.ts'
import { isWithin } from '../../tool/roots.ts'

/** The folders open to untrusted runs: configured folders that contain neither data nor configuration of antiphon. */
export function openIn({ roots, data, file, serve, ...modules }: Config): NonNullable<StepServices['open']> {
  const own = [data, ...modulesOf(modules), ...(file === undefined ? [] : [file])].map(real)
  return { roots: roots.filter((root) => !own.some((path) => isWithin(real(root), path))), tools: serve?.tools ?? [] }
}

const real = (path: string): string => attempt(() => realpathSync(path), path)
