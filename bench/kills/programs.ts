import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A program that works on goals with one product, as the docs of that product say. */
export type Program = {
  readonly name: string
  readonly title: string
  readonly script: string
  /** its packages, which are installed in bench/peers */
  readonly packages: readonly string[]
  /** it keeps its state in PostgreSQL */
  readonly postgres?: true
  /** files beside the script that a user writes, by name */
  readonly files?: (deskUrl: string) => { readonly [name: string]: string }
}

const PEERS = join(import.meta.dirname, '../peers')

const ANTIPHON: Program = {
  name: 'antiphon',
  title: 'antiphon',
  script: join(import.meta.dirname, 'programs/antiphon.ts'),
  packages: [],
  files: (desk) => ({
    'antiphon.yaml': `providers:\n  desk: { type: openai-compatible, baseURL: ${desk}/v1 }\n`,
  }),
}

/** antiphon and its peers. */
export const PROGRAMS: readonly Program[] = [
  ANTIPHON,
  // a tool that asks the service for calls which were cut off
  {
    ...ANTIPHON,
    name: 'antiphon-asks',
    title: 'antiphon, lookUp',
    script: join(import.meta.dirname, 'programs/antiphon-asks.ts'),
  },
  {
    ...ANTIPHON,
    name: 'antiphon-asks-late',
    title: 'antiphon, lookUp, booked late',
    script: join(import.meta.dirname, 'programs/antiphon-asks-late.ts'),
  },
  {
    ...ANTIPHON,
    name: 'antiphon-asks-down',
    title: 'antiphon, lookUp, down for a minute',
    script: join(import.meta.dirname, 'programs/antiphon-asks-down.ts'),
  },
  peer('flue', 'Flue (SQLite)', ['@flue/runtime', '@earendil-works/pi-ai']),
  peer('openworkflow', 'OpenWorkflow (SQLite)', ['openworkflow', 'openai']),
  peer('mastra', 'Mastra (libSQL)', ['@mastra/core', '@mastra/libsql']),
  {
    ...peer('langgraph', 'LangGraph.js (Postgres)', [
      '@langchain/langgraph',
      '@langchain/langgraph-checkpoint-postgres',
      '@langchain/openai',
    ]),
    postgres: true,
  },
  peer('openai-agents', 'OpenAI Agents SDK (file session)', ['@openai/agents', 'openai']),
  { ...peer('dbos', 'DBOS (Postgres)', ['@dbos-inc/dbos-sdk', 'openai']), postgres: true },
]

function peer(name: string, title: string, packages: readonly string[]): Program {
  return { name, title, script: join(PEERS, `kills-${name}.js`), packages }
}

/** The versions of its packages. Throws if one is not installed. */
export async function versionsOf({ packages }: Pick<Program, 'packages'>): Promise<string> {
  const versions = packages.map(async (name) => {
    const text = await readFile(join(PEERS, 'node_modules', name, 'package.json'), 'utf8').catch(() => {
      throw new Error(`${name} is not installed (npm ci --prefix bench/peers)`)
    })
    return `${name} ${(JSON.parse(text) as { readonly version: string }).version}`
  })
  return (await Promise.all(versions)).join(', ')
}

/** Lines of code that a user writes: neither blank nor comments, without the imports of the bench. */
export async function countLines({ script, files }: Program): Promise<number> {
  const texts = [await readFile(script, 'utf8'), ...Object.values(files?.('http://127.0.0.1') ?? {})]
  const isCode = (line: string) => line.trim() !== '' && !/^\s*\/\//.test(line) && !line.includes('/job.ts')
  return texts.flatMap((text) => text.split('\n').filter(isCode)).length
}
