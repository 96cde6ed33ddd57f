import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { openBench } from '../../cli/commands.ts'
import { REAL } from '../../cli/programs.ts'
import { read } from '../../docs/program.ts'

/** The commands of the README for a first agent, each as its arguments. */
async function commandsOfReadme(): Promise<readonly (readonly string[])[]> {
  const [, section = ''] = (await read('README.md')).split('## An agent in a file\n')
  const [, block = ''] = /^```sh\n([\s\S]*?)^```/m.exec(section) ?? []
  const lines = block.split('\n').flatMap((line) => /^npx antiphon (.*?)(?: +#.*)?$/.exec(line)?.[1] ?? [])
  return lines.map((line) => [...line.matchAll(/"([^"]*)"|\S+/g)].map(([word, quoted]) => quoted ?? word))
}

test('the agent of the README is run, killed, resumed and approved', async () => {
  const { run, start, path } = openBench(REAL)
  const commands = await commandsOfReadme()
  const [make, give, resume, inbox, approve] = commands
  expect(commands.map(([, verb]) => verb)).toEqual(['new', 'run', 'resume', undefined, 'harbour.playbook', 'resume'])
  expect(await run(...make!)).toMatchObject({ code: 0 })
  const killed = start(give!)
  await killed.said('clerk begins')
  killed.child.kill('SIGKILL')
  expect(await killed.ended).toMatchObject({ signal: 'SIGKILL' })
  expect(existsSync(path('notes.md'))).toBe(false)

  expect(await run(...resume!)).toMatchObject({ err: expect.stringContaining('A call waits for a person') })
  expect((await run(...inbox!)).out).toContain(`antiphon ${approve!.join(' ')}\n`)
  expect(await run(...approve!)).toMatchObject({ code: 0, err: expect.stringContaining('agent resume harbour') })
  expect(await run(...commands.at(-1)!)).toMatchObject({ code: 0, out: 'notes.md\n' })
  expect(readFileSync(path('notes.md'), 'utf8')).toBe('- Note that the harbour closes at nine on Friday\n')
  expect(readFileSync(path('agents/clerk.yaml'), 'utf8')).toContain('action: append')
})
