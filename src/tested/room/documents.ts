import { z } from 'zod'
import { maybe, type Plain, time } from '../../document.ts'

const change = maybe(z.enum(['broke', 'mended', 'new'])).meta({
  description: 'since the last result of this case: it failed first, passes again, or is there for the first time',
})

const outcome = {
  name: z.string(),
  passed: z.boolean(),
  score: maybe(z.number()).meta({ description: 'of its judge' }),
  ms: z.number(),
  rounds: z.number(),
  tokens: z.number(),
  cost: z.number().meta({ description: 'dollars' }),
  change,
  differs: maybe(z.literal(true)).meta({ description: 'its answer is not the one of the last result' }),
}

const caseOutcome = z.object(outcome).meta({ id: 'TestCaseOutcome' })

const caseResult = z
  .object({
    ...outcome,
    status: z.string().meta({ description: 'of the last message' }),
    failures: z.array(z.string()),
    notes: z.array(z.string()).meta({ description: 'what may be wrong and fails no case' }),
    messages: z.array(z.string()),
    answer: maybe(z.string()).meta({ description: 'absent: there was none' }),
    calls: z.array(z.object({ tool: z.string(), input: z.string(), outcome: maybe(z.string()) })),
    models: z.array(z.string()).meta({ description: 'the models that answered' }),
    cut: maybe(z.array(z.string())).meta({ description: 'the fields of which a part is stored' }),
  })
  .meta({ id: 'TestCaseResult' })

/** A case of a result: what was said and called, and what did not fit the expectations. */
export type TestCaseResult = Plain<typeof caseResult>

const ofTest = {
  test: z.string().meta({ description: 'the id of the test: made of its file and its agent' }),
  file: z.string().meta({ description: 'relative to the folder of antiphon.yaml, if it is in it' }),
  agent: z.string(),
}

const head = {
  id: z.string(),
  at: time,
  passed: z.boolean().meta({ description: 'whether every case passed' }),
  ms: z.number(),
  tokens: z.number(),
  cost: z.number().meta({ description: 'dollars of all cases' }),
  filter: maybe(z.string()).meta({ description: 'only cases with this text in their names were run' }),
  agentHash: maybe(z.string()).meta({ description: 'hash of the definition of the agent; absent: it is not known' }),
  fileHash: z.string().meta({ description: 'hash of the file of the test' }),
  commit: maybe(z.string()).meta({ description: 'the commit of git that was checked out' }),
  left: maybe(z.number()).meta({ description: 'cases that were run and are not stored' }),
}

export const testResult = z
  .object({ ...ofTest, ...head, notes: z.array(z.string()), cases: z.array(caseResult) })
  .meta({ id: 'TestResult' })

/** A result of a test, with what its cases said. Times in ms since the epoch. */
export type TestResult = Plain<typeof testResult>

export const testDocument = z
  .object({
    ...ofTest,
    results: z
      .array(z.object({ ...head, cases: z.array(caseOutcome) }))
      .meta({ description: 'the newest first, at most 20' }),
  })
  .meta({ id: 'Test' })

/** A test with its last results, the newest first. */
export type TestDocument = Plain<typeof testDocument>

export const testSummary = z
  .object({
    ...ofTest,
    results: z.number(),
    last: z.object({
      ...head,
      cases: z.number(),
      failed: z.number(),
      broke: z.array(z.string()).meta({ description: 'cases that passed before, and failed' }),
    }),
  })
  .meta({ id: 'TestSummary' })

/** A test with its last result, as a list shows it. */
export type TestSummary = Plain<typeof testSummary>
