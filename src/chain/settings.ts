import { z } from 'zod'
import { present } from '../lib/json/present.ts'
import { timeSpanSchema } from '../lib/time/span-schema.ts'
import { domainSettings } from './domains/settings.ts'
import { type ChainLimits, MAX_CYCLES } from './protocol/limits.ts'

const count = (max: number) => z.int().min(1).max(max).exactOptional()
const DAY_S = 86_400
const TIMED_PHASES = ['action', 'experience', 'intention', 'observation', 'understanding', 'yield'] as const

const deadline = timeSpanSchema.refine((seconds) => seconds >= 1 && seconds <= DAY_S, 'expected a time from 1s to 1d')

const chain = z.strictObject({
  maxCycles: count(MAX_CYCLES),
  deadline: deadline.exactOptional(),
  phaseDeadlines: z.partialRecord(z.enum(TIMED_PHASES), deadline).exactOptional(),
  queue: count(10_000),
  web: z.boolean().exactOptional(),
  learn: z.boolean().exactOptional(),
  history: z
    .strictObject({ exchanges: z.int().min(0).max(100).exactOptional(), characters: count(200_000) })
    .exactOptional(),
  files: z
    .strictObject({ count: count(10_000), characters: count(16_777_216), allCharacters: count(67_108_864) })
    .exactOptional(),
})

/** The keys of antiphon.yaml for the limits of questions, and for domains. Absent limits have their defaults. */
export const chainSettings = { chain: chain.exactOptional(), ...domainSettings }

export function limitsOf({
  maxCycles,
  deadline,
  phaseDeadlines,
  queue,
  history,
  files,
}: z.output<typeof chain> = {}): Partial<ChainLimits> {
  return present({
    maxCycles,
    deadline: deadline === undefined ? undefined : deadline * 1000,
    phaseDeadlines:
      phaseDeadlines && Object.fromEntries(Object.entries(phaseDeadlines).map(([phase, s]) => [phase, s * 1000])),
    queue,
    remembered: history?.exchanges,
    historySize: history?.characters,
    files: files?.count,
    fileSize: files?.characters,
    allFilesSize: files?.allCharacters,
  })
}
