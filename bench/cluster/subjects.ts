/** Who serves a measurement of the cluster's rows: so many nodes of that sort. */
export type Serving = { readonly serves: 'actors' | 'pipeline' | 'by-hand'; readonly nodes: number }

export const SUBJECTS: { readonly [subject: string]: Serving } = {
  node: { serves: 'actors', nodes: 1 },
  nodes: { serves: 'actors', nodes: 2 },
  'pipeline-node': { serves: 'pipeline', nodes: 1 },
  'pipeline-nodes': { serves: 'pipeline', nodes: 2 },
  hand: { serves: 'by-hand', nodes: 1 },
  'hand-plain': { serves: 'by-hand', nodes: 1 },
}

/** What the services of a subject are called on the server that all share. */
export const namespaceOf = (subject: string) => `bench-${subject}`

/** The run whose start message the others begin with, too. */
export const FIRST = 'first'
