import { expect, it } from 'vitest'
import { longestPause } from '../../../pause.ts'
import { openWorkshop } from '../../workshop.ts'

/** Takes about 120,000 steps: more than is rendered on the main thread, and less than a rendering may take. */
const LONG = '{% for i in range(200) %}{% for j in range(200) %}{% if i == j %}x{% endif %}{% endfor %}{% endfor %}'
const XS = 'x'.repeat(200)

const open = () => openWorkshop()

it('renders in a thread what takes long, as it would be rendered here', async () => {
  const workshop = open()
  const { outputs, steps } = await workshop.run(`name: p
inputs: { word: lake }
steps:
  - { id: a, tool: say, parameters: { text: "${LONG}{{ word }}", n: "{{ 1 + 1 }}" } }
  - { id: b, tool: say, parameters: { text: "{{ a.text }}${LONG}" }, condition: "{{ '${LONG}' | length > 0 and (range(50000) | list | length) == 50000 }}" }
  - { id: c, tool: say, parameters: { text: "no" }, condition: "{{ (range(50000) | list | length) == 7 }}" }
  - { id: d, tool: say, parameters: { text: "{{ file_exists('nowhere.txt') }}${LONG}{{ outputs.whole | length }}" } }
outputs:
  whole: "{{ a.text }}${LONG}"
  b: "{{ b.text | length }}"
  c: "{{ c is defined }}"
  d: "{{ d.text }}"
`)
  const statuses = Object.entries(steps).map(([id, { status, problem = null }]) => [id, status, problem])
  expect(statuses.filter(([id]) => !String(id).startsWith('__')).toSorted()).toEqual([
    ['a', 'completed', null],
    ['b', 'completed', null],
    ['c', 'skipped', null],
    ['d', 'completed', null],
  ])
  expect(outputs).toEqual({ whole: `${XS}lake${XS}`, b: 404, c: false, d: `false${XS}404` })
})

it('says of a template that takes too much what it says here', async () => {
  const tooMuch = LONG.replaceAll('200', '2000')
  const { status, steps } = await open().run(
    `name: p\nsteps:\n  - { id: a, tool: say, parameters: { text: "{{ 1 }}\\n${tooMuch}" } }\n`,
  )
  expect(status).toBe('failed')
  expect(JSON.stringify(steps.a)).toContain(
    'parameters.text: the template takes more than 1000000 steps (line 2, column',
  )
})

it('a loop of long templates holds up nobody', async () => {
  const workshop = open()
  const pause = await longestPause(async () => {
    const { status, outputs } = await workshop.run(`name: p
steps:
  - id: each
    for_each: "{{ range(8) | list }}"
    steps:
      - { id: say, tool: say, parameters: { text: "{{ $item }} ${LONG.replaceAll('200', '400')}" } }
outputs: { all: "{{ each | length }}" }
`)
    expect([status, outputs]).toEqual(['completed', { all: expect.anything() }])
  })
  expect(pause).toBeLessThan(400)
})

it('a step acts once, whatever of it is rendered in a thread', async () => {
  const workshop = open()
  const { status } = await workshop.run(`name: p
steps:
  - { id: a, tool: say, parameters: { text: "${LONG}" }, location: "/nowhere/{{ '${LONG}' | length }}/${LONG}" }
`)
  expect(status).toBe('failed')
  expect(workshop.calls.map(({ input }) => input)).toEqual([{ text: XS }])
})
