// Prints packages/core/SPEC.md from the rules that `lint` checks: `npm run spec`.
import { writeFile } from 'node:fs/promises'
import { specification } from '../packages/core/dist/lint.js'

await writeFile(new URL('../packages/core/SPEC.md', import.meta.url), specification())
