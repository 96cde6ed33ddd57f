import { offeredAgents } from '../lib/rights.ts'
import { client, isForbidden } from '../lib/server.ts'

/** An agent that a person may name. */
type KnownAgent = { readonly name: string; readonly description?: string }

/**
 * The agents that the program offers or has, and those that were put at run time. Agents of files are found by their
 * goals.
 */
export async function knownAgents(): Promise<readonly KnownAgent[]> {
  const [put, status] = await Promise.all([
    orNothing(() => client.agents.list({ limit: 200 })),
    orNothing(() => client.status()),
  ])
  const names = offeredAgents() ?? Object.keys(status?.program?.agents ?? {})
  const ofProgram = names.map((name): KnownAgent => ({ name }))
  const known = new Map([...ofProgram, ...(put ?? [])].map((agent) => [agent.name, agent]))
  return [...known.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** A list that the caller may not see has nothing for it. */
async function orNothing<Value>(read: () => Promise<Value>): Promise<Value | undefined> {
  try {
    return await read()
  } catch (error) {
    if (isForbidden(error)) return undefined
    throw error
  }
}
