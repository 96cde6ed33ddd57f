import type { Tool } from '../tool.ts'
import { inferTool } from './validation/infer.ts'
import { validateTool } from './validation/validate.ts'

/** Data against a JSON Schema. */
export const validationTools: readonly Tool[] = [validateTool, inferTool]
