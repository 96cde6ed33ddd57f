export { InvalidError, NotFoundError } from './errors.ts'
export type { Json } from './kernel/schema.ts'
export { defineTool, type Tool, type ToolContext } from './tool/tool.ts'
