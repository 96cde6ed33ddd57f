import { expect, it } from 'vitest'
import { openBench } from './commands.ts'

it('prints the answer, then its sources as file:line', async () => {
  const bench = openBench()
  bench.write('notes.md', 'so it is')
  const { code, out, err } = await bench.run('ask', 'Why so?', '--file', 'notes.md')
  expect(code).toBe(0)
  expect(out).toBe('So: Why so? [1]\n\nSources:\n  [1] notes.md:3  so it is\n')
  expect(err).toContain('✓ action  3 ms')
})

it('prints the answer as JSON', async () => {
  const bench = openBench()
  const { out } = await bench.run('ask', 'Why?', '--json', '--thread', 'contract', '--id', 'ask_1')
  expect(JSON.parse(out)).toMatchObject({ id: 'ask_1', thread: 'contract', answer: 'So: Why?', citations: [] })
})

it.each([
  [['ask', 'nothing'], 'This is no question.'],
  [['ask', 'Why?', '--file', 'missing.md'], 'There is no file missing.md.'],
  [
    ['ask', 'Why?', '--file', 'photo.png'],
    'photo.png is image/png, and a question is answered from texts\n  Give it to a step of a pipeline: { action: generate_text, parameters: { prompt: …, files: photo.png } }.',
  ],
  [['ask', 'Why?', '--thread', 'a b'], 'letters, digits, hyphens'],
  [['ask', 'Why?', '--modality', 'smell'], "'smell' is invalid. Allowed choices are text, code"],
  [['ask', 'Why?', '--model', 'yield='], 'A model is expected, such as'],
  [['resume', 'ask_1'], 'ask_1 is a question, not a run.\n  Ask it again under its id:'],
])('refuses %j', async (args, words) => {
  const bench = openBench()
  bench.write('photo.png', 'x')
  const { code, err } = await bench.run(...args)
  expect(code).toBe(2)
  expect(err).toContain(words)
})
