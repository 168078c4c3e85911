"""Starts a page's kernel again where it died before the page's first cell.

A kernel's ports are chosen before it starts, and any other program may take one of them meanwhile;
the kernel then ends at once (jupyter_client's issue 276). No cell has run by then, so that a second
start loses nothing. Without one, the build would lose what all chapters before have trained.
"""

from nbclient import client
from sphinx.application import Sphinx
from sphinx.util import logging

STARTS = 3

logger = logging.getLogger(__name__)


class Starter(client.NotebookClient):
    """Runs a page's cells in a kernel that may be started `STARTS` times."""

    async def async_start_new_kernel_client(self) -> client.KernelClient:
        """Connect to the kernel that was started, or to the first of its successors that lives.

        Raises:
            RuntimeError: for the last of them, if it dies or does not answer in time, too.
        """
        for start in range(1, STARTS):
            try:
                return await super().async_start_new_kernel_client()
            except RuntimeError as error:
                logger.info("start %d of %d of a kernel failed: %s", start, STARTS, error)
            self.km = self.create_kernel_manager()
            await self.async_start_new_kernel()
        return await super().async_start_new_kernel_client()


def setup(app: Sphinx) -> None:
    """Have `nbclient.execute`, which runs all pages, take this client."""
    client.NotebookClient = Starter  # type: ignore[misc]  # there is no setting for it
