import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { z } from 'zod'
import { checkSetting } from '../../thread/protocol/domain.ts'
import { PHASES } from '../../thread/protocol/phase-types.ts'
import { AUTO_DOMAIN, GENERAL_DOMAIN } from '../../worker/pool-id.ts'

const path = z.string().min(1).max(4096)
const text = (most: number) => z.string().trim().min(1).max(most)
const names = z.array(z.string().min(1).max(200)).max(100)

const PHASE_NAMES = [...PHASES, 'experience'] as const
const models = z
  .partialRecord(z.enum([...PHASE_NAMES, 'default']), z.union([z.string().min(1).max(200), names.min(1).max(8)]))
  .exactOptional()

const domain = z.strictObject({
  about: text(1000).exactOptional(),
  sources: z.array(path).max(100).exactOptional(),
  terms: z.union([path, z.record(text(200), z.union([text(200), z.array(text(200)).max(100)]))]).exactOptional(),
  instructions: z.partialRecord(z.enum(PHASE_NAMES), text(4000)).exactOptional(),
  checks: z.array(checkSetting).max(4).exactOptional(),
  otherwise: z.enum(['degrade', 'refuse']).exactOptional(),
  notice: text(2000).exactOptional(),
  models,
  tools: names.exactOptional(),
})

/** The settings of one domain. Paths are relative to antiphon.yaml. */
export type DomainSettings = z.output<typeof domain>

const RESERVED = [GENERAL_DOMAIN, AUTO_DOMAIN]

const domainName = z
  .string()
  .regex(/^[\w-]{1,64}$/, 'expected a name of up to 64 letters, digits, hyphens and underscores')
  .refine((name) => !RESERVED.includes(name), 'this name has a meaning of its own; expected another one')

/** The first path of a domain that does not exist; undefined: all do. Paths are relative to `folder`. */
export function missingDomainFile(domains: { readonly [name: string]: DomainSettings }, folder: string) {
  for (const [name, { sources = [], terms }] of Object.entries(domains)) {
    const paths = [
      ...sources.map((path, at) => ({ path, key: ['sources', at] })),
      ...(typeof terms === 'string' ? [{ path: terms, key: ['terms'] }] : []),
    ]
    const missing = paths.find(({ path }) => !existsSync(resolve(folder, path)))
    if (missing) return { message: `there is no file ${missing.path}`, path: ['domains', name, ...missing.key] }
  }
  return undefined
}

export const domainSettings = { domains: z.record(domainName, domain).exactOptional() }
