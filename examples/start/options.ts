import { parseArgs } from 'node:util'

/** How the demonstration is to go. */
export type Options = { readonly kill: boolean; readonly data?: string; readonly help: boolean }

export const USAGE = `Usage: npm start -- [--no-kill] [--data DIR]

Audits the packages installed in this checkout with examples/audit.yaml, and asks two questions of its documents.
Half way the process that does the work is killed and started again, to show what that costs.

  --no-kill    let it run undisturbed
  --data DIR   keep the data there (default: .antiphon, or ANTIPHON_DATA)
  --help       show this`

/** Throws a TypeError that says what is wrong with the arguments. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: { 'no-kill': { type: 'boolean' }, data: { type: 'string' }, help: { type: 'boolean' } },
  })
  return {
    kill: !values['no-kill'],
    help: values.help === true,
    ...(values.data !== undefined && { data: values.data }),
  }
}
