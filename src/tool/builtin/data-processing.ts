import type { Tool } from '../tool.ts'
import { aggregateTool } from './data-processing/aggregate.ts'
import { cleanTool } from './data-processing/clean.ts'
import { convertTool } from './data-processing/convert.ts'
import { filterTool } from './data-processing/filter.ts'
import { mergeTool } from './data-processing/merge.ts'
import { pivotTool } from './data-processing/pivot.ts'
import { profileTool } from './data-processing/profile.ts'
import { transformTool } from './data-processing/transform.ts'

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
