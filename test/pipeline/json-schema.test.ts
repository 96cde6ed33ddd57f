import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Schema, Validator } from '@cfworker/json-schema'
import { describe, expect, test } from 'vitest'
import type { Json } from '../../src/kernel/schema.ts'
import { pipelineJsonSchema } from '../../src/pipeline/language/schema/json-schema.ts'
import { PIPELINE_TABLE } from '../../src/pipeline/language/schema/pipeline-keys.ts'
import { STEP_TABLE } from '../../src/pipeline/language/schema/step-keys.ts'
import { readYaml } from '../../src/pipeline/language/source/read-yaml.ts'

const ROOT = join(import.meta.dirname, '../..')
const validator = new Validator(pipelineJsonSchema() as Schema, '7', false)
const faultsOf = (value: Json) =>
  validator.validate(value).errors.map(({ instanceLocation, error }) => `${instanceLocation} ${error}`)
const read = (text: string) => readYaml(text, 'p.yaml').value

async function pipelines(): Promise<readonly (readonly [string, string])[]> {
  const found: [string, string][] = []
  for await (const file of glob('examples/**/*.yaml', { cwd: ROOT }))
    found.push([file, await readFile(join(ROOT, file), 'utf8')])
  for (const file of ['README.md', 'docs/pipelines.md', 'docs/pipeline-reference.md']) {
    const text = await readFile(join(ROOT, file), 'utf8')
    for (const [, block] of text.matchAll(/^```yaml\n([\s\S]*?)^```/gm)) found.push([file, block!])
  }
  return found.filter(([, text]) => /^steps:/m.test(text) && /^name:/m.test(text))
}

describe('the schema for editors', async () => {
  const all = await pipelines()

  test('knows of all pipelines that are shown', () => expect(all.length).toBeGreaterThan(3))

  test.each(all)('takes %s', (_file, text) => expect(faultsOf(read(text))).toEqual([]))

  test('has every key that the reader has, and says what it is', () => {
    const { properties, $defs } = pipelineJsonSchema() as {
      properties: { [key: string]: { description: string } }
      $defs: { step: { properties: { [key: string]: { description: string } } } }
    }
    expect(Object.keys(properties)).toEqual(Object.keys(PIPELINE_TABLE))
    expect(Object.keys($defs.step.properties)).toEqual(Object.keys(STEP_TABLE))
    for (const { description } of [...Object.values(properties), ...Object.values($defs.step.properties)])
      expect(description).toMatch(/[.:]/)
  })

  test.each([
    ['a key no step has', 'name: x\nsteps: [{ id: a, tol: say }]', /tol|additional/],
    ['no steps', 'name: x', /steps/],
    ['no name', 'steps: [{ id: a, tool: say }]', /name/],
    ['an empty list of steps', 'name: x\nsteps: []', /too few items/],
    ['a step without an id', 'name: x\nsteps: [{ tool: say }]', /id/],
    ['a step in a loop without an id', 'name: x\nsteps: [{ id: a, for_each: [1], steps: [{ tool: say }] }]', /id/],
    ['a bad id', 'name: x\nsteps: [{ id: 1st, tool: say }]', /pattern/],
    ['parameters that are no map', 'name: x\nsteps: [{ id: a, tool: say, parameters: [1] }]', /object/],
    [
      'a type no input has',
      'name: x\ninputs: { n: { type: integr } }\nsteps: [{ id: a, tool: say }]',
      /does not match any of/,
    ],
    [
      'a range of one',
      'name: x\ninputs: { n: { type: integer, range: [1] } }\nsteps: [{ id: a, tool: say }]',
      /too few items/,
    ],
    [
      'tags that are no list',
      'name: x\nsteps: [{ id: a, tool: say, cache: { tags: x } }]',
      /cache\/tags .*Expected "array"/,
    ],
    ['nothing said of a cache', 'name: x\nsteps: [{ id: a, tool: say, cache: {} }]', /cache .*at least 1 properties/],
  ])('refuses %s', (_name, text, says) => expect(faultsOf(read(text)).join('\n')).toMatch(says))

  test.each([
    ['inputs as a list', 'name: x\ninputs: [{ name: n, type: integer }]\nsteps: [{ id: a, tool: say }]'],
    ['bare inputs', 'name: x\nparameters: { n: 1, t: text, m: { deep: 1 } }\nsteps: [{ id: a, tool: say }]'],
    [
      'constants of any name',
      'name: x\nsettings: { n: 1 }\nconfig: { default_timeout: 5 }\ntasks: [{ id: a, tool: say }]',
    ],
    ['tags', 'name: x\nsteps: [{ id: a, tool: say, cache: { ttl: 60, tags: [report, "{{ n }}"] } }]'],
    ['lists by template', 'name: x\nsteps: [{ id: a, for_each: "{{ xs }}", tool: say, depends_on: "b, c" }]'],
  ])('takes %s', (_name, text) => expect(faultsOf(read(text))).toEqual([]))
})
