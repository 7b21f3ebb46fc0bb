"""The page frame's template tags and the way forms become HTML."""

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation


class Proposal(forms.Form):
    title = forms.CharField(help_text="One line.")
    text = forms.CharField(widget=forms.Textarea, required=False)
    answer = forms.ChoiceField(choices=[("yes", "Yes"), ("no", "No")], widget=forms.RadioSelect)
    late = forms.BooleanField(required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)


def render(source: str, path: str = "/", **context: object) -> str:
    request = RequestFactory().get(path)
    return Template("{% load ui %}" + source).render(Context({"request": request, **context}))


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def test_an_icon_is_decoration_unless_it_has_a_label():
    assert 'aria-hidden="true"' in render("{% icon 'calendar' %}")
    assert 'role="img" aria-label="&lt;Due&gt;"' in render("{% icon 'clock' label %}", label="<Due>")


def test_a_badge_says_its_status_in_words():
    assert render("{% badge label 'warning' %}", label="Over<due").strip() == '<span class="badge badge-warning">Over&lt;due</span>'


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("{% query page=2 %}", "?q=bus&amp;state=open&amp;page=2"),
        ("{% query state='closed' %}", "?q=bus&amp;state=closed"),
        ("{% query state=None page=None %}", "?q=bus"),
    ],
)
def test_a_link_changes_one_parameter_and_keeps_the_others(tag, expected):
    assert sorted(render(tag, "/?q=bus&state=open").removeprefix("?").split("&amp;")) == sorted(expected.removeprefix("?").split("&amp;"))


def test_the_language_links_mark_the_current_one():
    rendered = render("{% language_links as links %}{% for link in links %}{{ link.code }}{{ link.current }} {% endfor %}")
    assert "enTrue" in rendered
    assert "itFalse" in rendered


def test_pages_around_the_current_one_and_at_both_ends():
    page = Paginator(range(200), 10).get_page(10)
    rendered = render("{% include 'partials/pagination.html' %}", "/?q=a&page=10", page=page)
    assert [number for number in range(1, 21) if f"page={number}&" in rendered.replace('"', "&")] == [1, 9, 10, 11, 20]
    assert rendered.count('aria-current="page"') == 1
    assert "q=a" in rendered


def test_one_page_needs_no_links_to_pages():
    assert "<nav" not in render("{% include 'partials/pagination.html' %}", page=Paginator([1], 10).get_page(1))


def test_an_invalid_field_names_its_help_and_its_error():
    html = str(Proposal({"version": 1, "answer": "yes"}))
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_title_helptext id_title_error"' in html
    assert 'id="id_title_helptext"' in html
    assert 'id="id_title_error"' in html


def test_the_summary_links_to_each_field_with_an_error():
    html = str(Proposal({"version": 1}))
    assert '<a href="#id_title">Title</a>' in html
    assert '<a href="#id_answer">Answer</a>' in html
    assert "error-summary" not in str(Proposal())


def test_radios_are_a_labelled_group_and_a_checkbox_stands_before_its_label():
    html = str(Proposal())
    assert "<legend>Answer</legend>" in html
    assert html.index('type="checkbox"') < html.index('<label for="id_late">')


def test_only_optional_fields_are_marked():
    html = str(Proposal())
    assert html.count("(optional)") == 1
    assert html.index("Text") < html.index("(optional)")


def test_a_form_sends_its_hidden_fields():
    assert '<input type="hidden" name="version" value="3" id="id_version">' in str(Proposal(initial={"version": 3}))


@pytest.mark.parametrize("name", ["413.html", "500.html"])
def test_pages_for_when_nothing_works_need_nothing(name):
    page = render_to_string(name)
    assert page.count("<h1>") == 1 and all(f'lang="{language}"' in page for language in ("it", "en", "fr"))
    assert not any(word in page for word in ("{%", "{{", "/static/", "<script", "<link", "style"))
