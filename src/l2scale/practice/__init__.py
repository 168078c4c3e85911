"""For a reader's own model: conversion between frameworks, parameter groups, a diagnosis."""
