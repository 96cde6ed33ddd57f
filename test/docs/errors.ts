import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { verdictOf } from '../../src/contract/error-codes.ts'
import { CODES } from '../../src/contract/facts.ts'
import type { ErrorCode } from '../../src/errors.ts'

/** Generates the page of error codes: each code is a heading, so it has an address. */
export const PAGE = join(import.meta.dirname, '../../docs/errors.md')

const WRITTEN = `# Error codes

Every error has a stable \`code\`, a message for people, and often a \`hint\` that says what to do. Over HTTP the code comes
with a status ([errors over HTTP](http.md#errors)); a command ends with an exit code. A program tests an error with
\`is(error)\`, or by its code. Later versions may add codes.

An error keeps its causes (five deep) as \`error.cause\`, the errors of an AggregateError as \`error.errors\`, its \`code\`,
and its own fields that are JSON, at most 4 KiB of each error. They pass through steps, runs, processes and HTTP
(\`error_details\` of a run and a step), without secrets. A class does not pass: test \`name\` or \`code\`, and not
\`instanceof\`.

- [Codes](#codes)

<!-- From here on this page is written by \`node test/docs/errors.ts\` from the codes of the source. -->

## Codes
`

/** The meaning of codes that the page of HTTP does not list, because no route declares them. */
const OTHERS: { readonly [code: string]: string } = {
  cancelled: 'the work was cancelled',
  timeout: 'a time limit was reached; the step retries like after any failure',
  owner_gone: 'the process that held the data folder ended while it answered',
  unreachable: 'the server does not answer',
  out_of_money: 'the budget is too small; the work waits until it is raised',
  actor_not_found: 'no actor has this name',
  model_rate_limited: 'the provider of the model limits the rate of calls',
  model_unavailable: 'the provider of the model cannot be reached',
  model_overloaded: 'the provider of the model is overloaded',
  model_timeout: 'the model did not answer in time',
  run_exists: 'another run has this id',
  pipeline_changed: 'the file of the pipeline has changed since the run started',
  secret_refused: 'the work may not use this secret',
  owned: 'another process holds the data folder',
  fenced: 'another process has taken the data folder over',
  degraded: 'the data folder cannot be written; new work is refused',
  queue_full: 'the queue of the pool is full',
  workers_unhealthy: 'all workers that can do the task have failed too often',
  no_available_worker: 'no worker of the pool can do the task',
}

export function page(): string {
  const codes = Object.entries<ErrorCode>(CODES).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return [WRITTEN, ...codes.map(([code, known]) => section(code, known))].join('')
}

function section(code: string, { means = OTHERS[code], ...known }: ErrorCode): string {
  if (means === undefined) throw new Error(`The error code ${code} has no meaning for docs/errors.md.`)
  const { status, exit } = verdictOf({ code, name: 'as' in known ? known.as : 'Error' })
  return `\n### ${code}\n\n${means[0]!.toUpperCase()}${means.slice(1)}.\nStatus ${status}, exit code ${exit}.\n`
}

if (process.argv[1] === import.meta.filename) writeFileSync(PAGE, page())
