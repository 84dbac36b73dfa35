import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    globalSetup: './build.ts',
    testTimeout: 20_000,
    typecheck: {
      enabled: true,
      include: ['types/**/*.test-d.ts'],
      tsconfig: './tsconfig.json',
    },
  },
})
