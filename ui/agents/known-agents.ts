import { client, may, offeredAgents } from '../lib/server.ts'

/** An agent that a person may name. */
type KnownAgent = { readonly name: string; readonly description?: string }

/** The agents that the program offers or has, and those put at run time. Goals tell of agents of files. */
export async function knownAgents(): Promise<readonly KnownAgent[]> {
  const [put, names] = await Promise.all([
    may('read') ? client.agents.list({ limit: 200 }) : [],
    offeredAgents() ?? (may('admin') ? agentsOfProgram() : []),
  ])
  const ofProgram = names.map((name): KnownAgent => ({ name }))
  const known = new Map([...ofProgram, ...put].map((agent) => [agent.name, agent]))
  return [...known.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

async function agentsOfProgram(): Promise<readonly string[]> {
  const { program } = await client.status()
  return Object.keys(program?.agents ?? {})
}
