import { is, problemOf } from '../../src/errors.ts'
import { simulate } from '../../trials/simulation/simulate.ts'
import { actors } from './actors.ts'
import { command } from './command.ts'
import { type Options, readOptions } from './options.ts'

const HELP = `Explores the engines under a simulated clock, disk and scheduler; stops at the first seed that breaks a promise.

Usage: npm run simulate -- [options]

  --seeds N        how many seeds (default 1000)
  --seed S         the first of them (default: from the clock)
  --path P         goes to the smallest failing plan of --seed S, as printed
  --engine NAME    inline or libsql (default: both)
  --json           one line of JSON at the end
  --help
`

/** Exit codes: 0 all held, 1 something did not, 2 wrong options. */
async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args)
  if (options.help) return say(HELP)
  const began = performance.now()
  let steps = 0
  const report = (seed: number) => {
    if (process.stderr.isTTY) process.stderr.write(`\rseed ${seed}, ${steps} steps `)
  }
  try {
    const done = await simulate({
      actors,
      command,
      seeds: options.seeds,
      seed: options.seed,
      ...(options.path !== undefined && { path: options.path }),
      ...(options.engine && { engine: options.engine }),
      onTrial(seed, trial) {
        steps += trial.steps
        if (seed % 100 === 0) report(seed)
      },
    })
    return say(summary(options, { ...done, seconds: Math.round(performance.now() - began) / 1000 }))
  } catch (error) {
    if (!is(error) || error.code !== 'simulation') throw error
    return say(
      options.json
        ? `${JSON.stringify({ held: false, seed: options.seed, message: error.message })}\n`
        : `${error.message}\n`,
      1,
    )
  }
}

type Done = Awaited<ReturnType<typeof simulate>> & { readonly seconds: number }

function summary({ json, seed, seeds }: Options, done: Done): string {
  if (json) return `${JSON.stringify({ held: true, seed, seeds, ...done })}\n`
  return `All held: ${done.trials} trials from seed ${seed}, ${done.steps} steps, ${done.lives} lives, ${done.seconds} s.\n`
}

function say(text: string, code = 0): number {
  if (process.stderr.isTTY) process.stderr.write('\r')
  process.stdout.write(text)
  return code
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`${problemOf(error).message}\n`)
  process.exitCode = is(error, 'InvalidError') ? 2 : 1
}
