import { isMounted, may } from '../lib/server.ts'

const LISTED = { workflow: 'workflow', pipeline: 'pipeline' }
const KINDS = { agent: 'agent', text: 'text' }

/** The kinds that this caller may start. In the server of a program there are no lists of workflows and pipelines. */
export function kindsOfCaller(): { readonly [kind: string]: string } {
  if (!may('run')) return may('talk') ? { agent: KINDS.agent } : {}
  return isMounted() ? KINDS : { ...LISTED, ...KINDS }
}
