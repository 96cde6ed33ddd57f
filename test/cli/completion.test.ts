import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { openBench } from './commands.ts'
import { runHere } from './here.ts'
import { NOTHING } from './programs.ts'

async function scriptFor(shell: string): Promise<string> {
  const { code, out } = await runHere(NOTHING, ['completion', shell], { folder: '/' })
  expect(code).toBe(0)
  return out
}

const isInstalled = (shell: string) => spawnSync(shell, ['-c', 'true']).status === 0

describe('in bash', () => {
  /** What bash offers for the last of the words. */
  async function offered(...words: readonly string[]): Promise<readonly string[]> {
    const bench = openBench()
    bench.write('report.yaml', 'steps: []')
    mkdirSync(bench.path('reports'))
    bench.write('complete.sh', await scriptFor('bash'))
    const line = ['antiphon', ...words].map((word) => `'${word}'`).join(' ')
    const act = `. ./complete.sh; COMP_WORDS=(${line}); COMP_CWORD=${words.length}; _antiphon; printf '%s\\n' "\${COMPREPLY[@]}"`
    return execFileSync('bash', ['-c', act], { cwd: bench.folder, encoding: 'utf8' }).trim().split('\n')
  }

  it.each<[words: string[], offers: string[]]>([
    [['re'], ['resume', 'replay', 'restore']],
    [
      ['budget', 'r'],
      ['raise', 'remove'],
    ],
    [['keys', 'api', 'c'], ['create']],
    [
      ['agent', 'c'],
      ['check', 'cancel'],
    ],
    [
      ['agent', 'check', 'rep'],
      ['report.yaml', 'reports'],
    ],
    [
      ['run', 'rep'],
      ['report.yaml', 'reports'],
    ],
    [['run', '--strat'], ['--strategy']],
    [['run', '--strategy', 's'], ['sequential']],
    [['runs', '--data', 'rep'], ['reports']],
    [['runs', '--eng'], ['--engine']],
    [['runs', '--engine', 'li'], ['libsql']],
    [['runs', '--limit', ''], ['']],
    [['consent', 'ask_1', '1', 'k'], ['keep']],
  ])('%j is completed by %j', async (words, offers) => {
    expect((await offered(...words)).toSorted()).toEqual(offers.toSorted())
  })
})

it.runIf(isInstalled('zsh'))('zsh reads its script', async () => {
  const script = await scriptFor('zsh')
  expect(spawnSync('zsh', ['-n'], { input: script, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' })
})

it.runIf(isInstalled('fish'))('fish reads its script', async () => {
  const script = await scriptFor('fish')
  expect(spawnSync('fish', ['-n'], { input: script, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' })
})

it('zsh and fish tell what each command does', async () => {
  expect(await scriptFor('zsh')).toContain("'run:Run a workflow or a pipeline and print its outputs'")
  expect(await scriptFor('fish')).toContain(
    "-n '__antiphon_at' -a run -d 'Run a workflow or a pipeline and print its outputs'",
  )
})

it('an unknown shell is an error', async () => {
  expect(await runHere(NOTHING, ['completion', 'tcsh'], { folder: '/' })).toMatchObject({
    code: 2,
    err: expect.stringContaining('Allowed choices are bash, zsh, fish'),
  })
})
