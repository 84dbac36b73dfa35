import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    globalSetup: './setup.ts',
    testTimeout: 20_000,
    // A machine may be busy: what is polled for ends as soon as it is there.
    expect: { poll: { timeout: 10_000 } },
    // One worker waits much of the time: for a browser, an installation, a process.
    maxWorkers: '100%',
    typecheck: {
      enabled: true,
      include: ['types/**/*.test-d.ts'],
      tsconfig: './tsconfig.json',
    },
  },
})
