import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Command } from 'commander'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Cli } from '../../src/cli/cli.ts'
import { loadCommands } from '../../src/cli/command-list.ts'
import { createProgram } from '../../src/cli/program.ts'
import { openBench } from './commands.ts'
import { REAL } from './programs.ts'

/** What a command is given where any word will not do, by the name of the argument; an empty word is left out. */
const WORDS: { readonly [argument: string]: string } = {
  file: 'p.yaml',
  amount: '2.00',
  decision: 'accept',
  outcome: 'done',
  message: '1',
  answer: 'keep',
  change: '1',
  sources: '',
}
/** Options without which a command does nothing. */
const MORE: { readonly [command: string]: readonly string[] } = {
  'cache drop': ['--all'],
  'deadletters drop': ['--yes'],
  'files open': ['--output', 'x'],
  fork: ['--at', 'x'],
  'ledger address set': ['--agree'],
  'ledger export': ['--force'],
  'memory add': ['--text', 'x'],
  'memory export': ['--force'],
  'models choose': ['--needs', 'offline'],
}

/** Every command that can be asked of a server, with what it is called with. */
function commandsAtServers({ commands }: Command, above: readonly string[] = []): readonly (readonly string[])[] {
  return commands.flatMap((command) => {
    const names = [...above, command.name()]
    const below = commandsAtServers(command, names)
    return command.options.some(({ long }) => long === '--server') ? [...below, wordsFor(command, names)] : below
  })
}

function wordsFor({ registeredArguments }: Command, names: readonly string[]): readonly string[] {
  const given = registeredArguments
    .map((argument) => WORDS[argument.name()] ?? argument.argChoices?.[0] ?? 'x')
    .filter((word) => word !== '')
  return [...names, ...given, ...(MORE[names.join(' ')] ?? [])]
}

/** Looked at, not run. */
const described = createProgram({} as Cli, await loadCommands())

describe('a command for a server that does not answer says so', () => {
  const commands = commandsAtServers(described)

  it('and there are such commands', () => {
    const names = commands.map((words) => words.join(' '))
    expect(names).toEqual(expect.arrayContaining(['run p.yaml', 'keys api list', 'keys audit', 'cache drop --all']))
  })

  it.each(commands.map((words) => [words.join(' '), words] as const))('%s', async (_, words) => {
    const bench = openBench(REAL)
    bench.write('p.yaml', 'steps:', '  - { id: a, tool: debug, parameters: { message: hello } }')
    const { code, out, err } = await bench.run(...words, '--server', 'http://127.0.0.1:1')
    expect({ code, out, err }).toEqual({
      code: 1,
      out: '',
      err: expect.stringMatching(/http:\/\/127\.0\.0\.1:1.* no server listens there/),
    })
  })
})

it.each(['{"id":"1"}', 'null', 'OK'])('a server that answers %s to every request is not antiphon', async (text) => {
  const server = createServer((_, response) => response.setHeader('content-type', 'application/json').end(text))
  onTestFinished(() => void server.close())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  expect(await openBench(REAL).run('runs', '--server', url)).toEqual({
    code: 1,
    out: '',
    err: `No antiphon answers at ${url}.\n  Give the address of the server without /v1.\n`,
  })
})
