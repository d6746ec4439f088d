"""Given a window that has opened, before the core has a first page, then it says calmly that it starts."""

from __future__ import annotations

from tests.screens import prompts as p
from tests.screens.glass import Glass


def test_it_is_told_in_every_language_and_gives_way_to_the_first_page(glass: Glass) -> None:
    from screens.scene import Scene, Told
    from tests.screens.checks import problems

    for size in ((540, 960), (1080, 1920), (1920, 1080), (1280, 720)):
        scene = Scene(size, p.HALL, "zh", Told(lambda *_: None, lambda: None))
        try:
            said = [item.text for item in scene.visible()[1]]
            assert said == [p.HALL.zh, "正在启动，请稍候", "Starting. One moment, please"]
            assert [one for one in problems(scene, "zh") if "English" not in one] == []
            scene.present(1, p.HOME, p.NOWHERE)
            assert not {*said[1:]} & {item.text for item in scene.visible()[1]}
        finally:
            scene.close()


def test_it_fits_another_window_and_is_on_the_glass(glass: Glass) -> None:
    from screens.scene import Scene, Told

    scene = Scene((540, 960), p.HALL, "en", Told(lambda *_: None, lambda: None))
    try:
        scene.resize(960, 540)
        assert scene.visible()[1][0].text == p.HALL.en
        seen = scene.pixels()
        assert (seen.width, seen.height) == (960, 540)
        assert len({seen.rgba[start : start + 4] for start in range(0, len(seen.rgba), 4)}) > 10
    finally:
        scene.close()
