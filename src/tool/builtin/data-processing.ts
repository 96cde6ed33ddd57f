import type { Tool } from '../tool.ts'
import { aggregateTool } from './data/aggregate.ts'
import { cleanTool } from './data/clean.ts'
import { convertTool } from './data/convert.ts'
import { filterTool } from './data/filter.ts'
import { mergeTool } from './data/merge.ts'
import { pivotTool } from './data/pivot.ts'
import { profileTool } from './data/profile.ts'
import { transformTool } from './data/transform.ts'

/** Tables as lists of maps, CSV or JSON: nothing is changed in place, what is calculated is interpreted. */
export const dataTools: readonly Tool[] = [
  convertTool,
  filterTool,
  aggregateTool,
  transformTool,
  profileTool,
  pivotTool,
  cleanTool,
  mergeTool,
]
