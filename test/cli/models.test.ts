import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openBench } from './commands.ts'
import { runHere } from './here.ts'
import { NOTHING } from './programs.ts'

function open() {
  const bench = openBench()
  bench.write('antiphon.yaml', 'model: ollama/small')
  bench.write(
    'models.yaml',
    'models:',
    '  - { source: ollama, name: small, size: 1b, context: 8k, json: true }',
    '  - { source: ollama, name: eyes, modalities: [vision], context: 128k, json: true, aliases: [gpt-x] }',
    '  - { source: openai, name: big, context: 128k, modalities: [vision], json: true, cost: { input: 3, output: 15 } }',
  )
  return { ...bench, models: (...args: string[]) => runHere(NOTHING, ['models', ...args], bench) }
}

test('models choose names the chosen model, and says of each other one why not', async () => {
  const { models, folder } = open()
  const { code, out } = await models('choose', '--needs', 'vision, 100k context, json')
  expect(code).toBe(0)
  expect(out.split('\n').slice(1)).toEqual([
    'ollama/eyes         chosen',
    'ollama/small        modality vision missing; context 8000 tokens, at least 100000 tokens asked',
    'offline/extractive  modality vision missing; its context is not known',
    'openai/big          it costs money, and paid models are not allowed to be chosen',
    '',
  ])
  expect(existsSync(join(folder, '.antiphon'))).toBe(false)
})

test('models choose exits with 1 if no model fits, and with 2 for words that it does not understand', async () => {
  const { models } = open()
  const none = await models('choose', '--needs', 'audio, offline', '--json')
  expect(none.code).toBe(1)
  expect(JSON.parse(none.out)).toMatchObject({ models: [{ id: 'ollama/small', fits: false }, {}, {}, {}] })
  expect(await models('choose', '--needs', 'json, 100k contxt')).toMatchObject({
    code: 2,
    err: '--needs, letter 7: `100k contxt` is nothing that can be asked of a model\n  Did you mean `100k context`?\n',
  })
})

test('models list and show tell what is known', async () => {
  const { models } = open()
  const { out } = await models('list')
  expect(out).toMatch(/^ollama\/small \(default\) +1B +8k +- +json +- +free +here +\S+$/m)
  expect(out).toMatch(
    /^openai\/big +- +128k +vision +json +- +3 in, ~0.3 cached, ~3.75 to cache, 15 out +not known +\S+$/m,
  )
  expect((await models('show', 'gpt-x')).out).toContain('id: ollama/eyes\n')
  expect(JSON.parse((await models('show', 'small', '--json')).out)).toMatchObject({ id: 'ollama/small', size: 1 })
  expect(await models('show', 'ollama/other')).toMatchObject({ code: 2, err: expect.stringContaining('Describe it') })
  expect(await models('show', 'openai/bog')).toMatchObject({ err: expect.stringContaining('Did you mean openai/big?') })
})

test('models list tells what sound costs', async () => {
  const { models, write } = open()
  write(
    'models.yaml',
    'models: [{ id: openai/sound, cost: { minute: 0.006, characters: 15 } }, { id: openai/ears, paid: true }]',
  )
  const { out } = await models('list')
  expect(out).toMatch(/^openai\/sound .* 15 spoken, 0\.006 a minute +not known +\S+$/m)
  expect(out).toMatch(/^openai\/ears .* not known +not known +\S+$/m)
})

test('the documented example is what is printed', async () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/models.md'), 'utf8')
  const [, yaml = ''] = /```yaml\n(# models\.yaml[\s\S]*?)```/.exec(page) ?? []
  const [, needs = '', printed] = /models choose --needs "(.*)"\n([\s\S]*?)```/.exec(page) ?? []
  const bench = openBench()
  bench.write('antiphon.yaml', '')
  bench.write('models.yaml', yaml)
  const said = await runHere(NOTHING, ['models', 'choose', '--needs', needs], {
    folder: bench.folder,
    environment: { ANTIPHON_PAID_MODELS: '1' },
  })
  expect(said).toEqual({ code: 0, out: printed, err: '' })
})
