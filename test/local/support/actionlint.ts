import { join } from 'node:path';
import { type CacheEntry, sharedEntry } from '../../cluster/cache.ts';
import { runGo } from '../../cluster/go.ts';

const VERSION = '1.7.12';

const actionlint: CacheEntry = {
  name: `actionlint-v${VERSION}`,
  narration: `Building actionlint ${VERSION} from its Go module, once`,
  async build(folder) {
    const module = `github.com/rhysd/actionlint/cmd/actionlint@v${VERSION}`;
    const env = { GOBIN: folder, CGO_ENABLED: '0' };
    await runGo(['install', '-trimpath', '-ldflags', '-s -w', module], { env });
  },
};

/** The checker of GitHub's workflows, built the first time. */
export async function actionlintProgram(): Promise<string> {
  return join(await sharedEntry(actionlint), 'actionlint');
}
