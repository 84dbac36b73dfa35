import { expectTypeOf, test } from 'vitest'
import { command } from '@robaccia/manage'

test('command infers the values of its arguments', () => {
  command({
    description: 'Imports.',
    args: {
      folder: { type: 'positional', description: 'from where', required: true },
      format: { type: 'positional', description: 'of what kind' },
      limit: { type: 'integer', description: 'at most', default: 10 },
      from: { type: 'integer', description: 'beginning with' },
      author: { type: 'string', description: 'by whom', default: 'me' },
      site: { type: 'string', description: 'for what' },
      dryRun: { type: 'boolean', description: 'without writing' },
    },
    run({ args }) {
      expectTypeOf(args).toEqualTypeOf<{
        readonly folder: string
        readonly format: string | undefined
        readonly limit: number
        readonly from: number | undefined
        readonly author: string
        readonly site: string | undefined
        readonly dryRun: boolean
      }>()
      // @ts-expect-error there is no such argument
      void args.flder
    },
  })
})

test('command refuses what no argument can be', () => {
  command({
    description: '',
    // @ts-expect-error a default must have the option's type
    args: { a: { type: 'integer', description: '', default: '1' } },
    run() {},
  })
  // @ts-expect-error it must say what to do
  command({ description: '' })
  // @ts-expect-error a command without arguments has none
  command({ description: '', run: ({ args }) => void args.folder })
})
