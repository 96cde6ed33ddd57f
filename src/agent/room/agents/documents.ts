import { z } from 'zod'
import { json, maybe, type Plain, time } from '../../../document.ts'

const summary = {
  name: z.string(),
  owner: z.string(),
  hash: z.string().meta({ description: 'hash of the newest version' }),
  createdAt: time,
  updatedAt: time,
  description: maybe(z.string()),
}

export const agentSummary = z.object(summary).meta({ id: 'AgentSummary' })

/** An agent that was put at run time, as a list shows it; times in ms since the epoch. */
export type AgentSummary = Plain<typeof agentSummary>

export const agentDocument = z
  .object({
    ...summary,
    untrusted: maybe(z.literal(true)).meta({
      description: 'it came from the network: its goals reach only what is open to callers from the network',
    }),
    definition: z.record(z.string(), json),
    versions: z.array(z.object({ hash: z.string(), at: time })).meta({ description: 'oldest first' }),
  })
  .meta({ id: 'AgentDocument' })

/** An agent that was put at run time: the definition of one of its versions, and all of them, the newest last. */
export type AgentDocument = Plain<typeof agentDocument>

export const putAgent = z
  .object({
    name: z.string(),
    hash: z.string(),
    isNew: z.boolean().meta({ description: 'false: the definition equals the newest version' }),
    findings: z
      .array(
        z.object({
          severity: z.enum(['error', 'warning', 'info']),
          message: z.string(),
          hint: maybe(z.string()),
          path: maybe(z.string()).meta({ description: 'the key, such as tools.0' }),
        }),
      )
      .meta({ description: 'warnings' }),
  })
  .meta({ id: 'PutAgent' })

/** The result of putting an agent. */
export type PutAgent = Plain<typeof putAgent>

const hashes = z.record(z.string(), z.string())

export const programCode = z.object({ agents: hashes, tools: hashes }).meta({
  description: 'agents and tools of the program that owns the data folder, by name, each with a hash',
})

/**
 * The agents and tools of a program, each by its name with a hash: of the definition of an agent, and of the schema of
 * a tool's parameters.
 */
export type ProgramCode = Plain<typeof programCode>
