import { anything } from '../anything.ts'
import { flag, type Later, list, map, number, text } from './operations.ts'

const ROUTING = {
  models: list.optional(),
  strategy: text.optional(),
  routing_strategy: text.optional(),
  max_concurrent: number.optional(),
  tasks: list.optional(),
  routing_constraints: map.optional(),
}

/** What chooses models, and words for them. */
export const CHOICES: { readonly [tool: string]: Later } = {
  'task-delegation': {
    missing: 'a registry that knows what models cost and can do',
    operations: {
      execute: [
        'Chooses a model for a task',
        { task: text },
        {
          requirements: anything.optional(),
          cost_weight: number.optional(),
          quality_weight: number.optional(),
          fallback_enabled: flag.optional(),
        },
      ],
    },
  },
  'multi-model-routing': {
    missing: 'a registry that knows what models cost and can do',
    operations: {
      execute: ['Chooses a model for a request', {}, { ...ROUTING, request: text.optional() }],
      route: ['Chooses a model for each task', {}, { ...ROUTING, request: text.optional() }],
      optimize_batch: [
        'Spreads tasks over models',
        {},
        { ...ROUTING, request: text.optional(), optimization_goal: text.optional() },
      ],
    },
  },
  'prompt-optimization': {
    missing: 'a model that rewrites prompts',
    operations: {
      execute: [
        'Rewrites a prompt',
        { prompt: text },
        {
          model: text.optional(),
          optimization_goals: anything.optional(),
          optimization_goal: text.optional(),
          preserve_intent: flag.optional(),
        },
      ],
    },
  },
}
