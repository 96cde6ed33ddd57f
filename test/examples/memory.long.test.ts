import { cpSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { openBench } from '../cli/commands.ts'
import { REAL } from '../cli/programs.ts'
import { read } from '../docs/program.ts'

test('the memory of the README answers from the folder and from a fact, and forgets the folder', async () => {
  const [, section = ''] = (await read('README.md')).split('## Memory\n')
  const [, block = ''] = /^```sh\n([\s\S]*?)^```/m.exec(section) ?? []
  const lines = block.split('\n').flatMap((line) => /^npx antiphon (.*?)(?: +#.*)?$/.exec(line)?.[1] ?? [])
  const commands = lines.map((line) => [...line.matchAll(/"([^"]*)"|\S+/g)].map(([word, quoted]) => quoted ?? word))
  expect(commands).toHaveLength(5)
  const { run, path } = openBench(REAL)
  for (const name of ['concepts.md', 'memory.md'])
    cpSync(resolve(import.meta.dirname, '../../docs', name), path(`docs/${name}`))
  const results = []
  for (const command of commands) results.push(await run(...command))
  expect(results.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0])
  expect(results[1]!.out).toMatch(/A space is a path .*\[1\][\s\S]*docs\/concepts\.md:\d+/)
  expect(results[3]!.out).toMatch(/^Oslo \[1\]/)
  expect(results[4]!.out).toMatch(/^\d+ records erased/)
  expect((await run('ask', commands[1]![1]!)).out).not.toContain('docs/')
})
