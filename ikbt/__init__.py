"""Composition: settings, addresses, processes, and the pages that join the apps. Imports all; nobody imports it."""
