import { expect, test } from 'vitest'
import type { CompiledPipeline } from '../../../../src/pipeline/plan/compiled.ts'
import { renderAll } from '../../../../src/pipeline/step/templates/render.ts'

test('a key called __proto__ is one like any other', () => {
  const value = JSON.parse('{"__proto__": {"a": "{{ n }}"}, "b": ["{{ n }}"]}')
  const rendered = renderAll(value, { names: ['n'] } as unknown as CompiledPipeline, { get: () => 1 }, [])
  expect(JSON.stringify(rendered)).toBe('{"__proto__":{"a":1},"b":[1]}')
  expect(Object.getPrototypeOf(rendered)).toBe(Object.prototype)
})
